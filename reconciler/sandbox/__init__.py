"""
A simulated tenant: a pure state machine, a transport, an HTTP face.

    messages ─► api (routes, reads, writes, oauth) ─► messages     pure
                 world, credentials, switches, audit               what it works on
    tenant      holds one world, its faults and its clock; store keeps it in a file
    transport   carries requests of httpx to a tenant; server carries them over HTTP

Every unknown of the real service is a switch.
"""
