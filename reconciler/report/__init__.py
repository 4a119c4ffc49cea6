"""Plans and outcomes as text, Markdown, JSON, HTML and annotations: strings out, nothing printed."""
