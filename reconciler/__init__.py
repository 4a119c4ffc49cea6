"""
Permissions for Canvas Studio kept as code.

One line, no way back inside a round:

    files ──► Declarations ─┐
                            ├─ resolve ─► DesiredState ─┐
    API (reads) ► Directory ┘                           ├─ diff ─► Plan ─ guards ─► ApprovedPlan
               └────────────────► ObservedState ────────┘                               │
                                                                 API (writes) ◄─ batches┘
                        report ◄─── journal ◄─────────── Outcomes ◄─────┘

core       decides: pure functions over plain values
config     YAML files to declarations and settings, every value with its place
studio     the Studio API: reading, writing, tokens, pace
state      the memory between passes: journal, seats and leases, remembered names, tokens
report     plans and outcomes as text, Markdown, JSON, HTML and annotations
daemon     time and signals: the loop, the watcher of files, the status page
questions  what people ask: explain, access, find, doctor, export, history
sandbox    a simulated tenant, in process and over HTTP
cli        arguments, wiring, exit status
"""

__version__ = "0.1.0"
