"""Numbers as people write them: a true minus, degrees as a sign, seconds that are worth saying."""

_LONGEST_MINUTES_S = 2.0 * 3600.0
_LONGEST_HOURS_S = 2.0 * 86400.0


def signed(value: float, decimals: int = 0) -> str:
    """Return a number with a true minus sign; what rounds to zero has none."""
    text = f"{value:.{decimals}f}"
    if float(text) == 0.0:
        return text.lstrip("-")
    return text.replace("-", "\N{MINUS SIGN}")


def degrees(angle_deg: float) -> str:
    """Return an angle in whole degrees with its sign."""
    return f"{signed(angle_deg)}°"


def degrees_against(angle_deg: float, limit_deg: float) -> str:
    """Return an angle so that it does not read like the limit that it misses."""
    close = round(angle_deg) == round(limit_deg)
    decimals = (2 if abs(angle_deg - limit_deg) < 0.05 else 1) if close else 0
    return f"{signed(angle_deg, decimals)}°"


def duration(seconds: float) -> str:
    """Return a length of time in the largest unit that suits it, "days" when it is beyond use."""
    if seconds < 100.0:
        return f"{seconds:.0f} s"
    if seconds < _LONGEST_MINUTES_S:
        return f"{seconds / 60.0:.0f} min"
    return f"{seconds / 3600.0:.0f} h" if seconds < _LONGEST_HOURS_S else "days"


def countdown(seconds: float) -> str:
    """Return the time that is left to the minute, below an hour to the second."""
    minutes = int(seconds // 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes} min {int(seconds) % 60:02d} s"
