"""Plans and outcomes → text, Markdown, HTML and annotations: strings out, nothing printed."""
