"""Files of small treaties, for tests."""


def treaty_text(**values: str) -> str:
    """A treaty's TOML file, some of its values replaced; dates and numbers as they stand in the file."""
    keys = {
        "name": "Treaty of Oslo",
        "acts": "acts.csv",
        "opened": "1998-07-17",
        "recorded_until": "2010-06-30",
        "covariates_from": "1998-07-01",
        "deposits": "2",
        "months": "3",
        "fit_from": "2001-01-01",
        "known": "2002",
        "last": "2006",
    } | values
    return """name = "{name}"
acts = "{acts}"
opened = {opened}
recorded_until = {recorded_until}
covariates_from = {covariates_from}

[entry]
deposits = {deposits}
months = {months}

[withdrawal]
notice_months = 12

[hindcast]
fit_from = {fit_from}
origins = [{{ known = {known}, last = {last} }}]
""".format(**keys)
