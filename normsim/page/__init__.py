"""The browser page: the same model as the command line, month by month, with every state able to say why.

The browser holds what is on screen as one value, the view, and writes it in the page's address. The server computes
everything from the view and remembers nothing: `view` reads and checks it, `recorded_run` runs the model, `run_json`,
`decisions`, `influence`, `network_ties` and `differences` answer, `web_app` puts them on HTTP, `serve` opens it on this
machine only. What the browser loads is in `client/`. Nothing here is imported unless `normsim page` is called.
"""
