"""The browser page: the same model as the command line, month by month, with every state able to say why.

`session` is all that the page does, in plain Python; `map`, `network`, `series`, `log` and `panel` turn it into
pictures and words; `controls` and `app` put them on a Solara page; `serve` opens it on this machine only. Nothing here
is imported unless `normsim page` is called.
"""
