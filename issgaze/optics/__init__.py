"""How the sky meets the sensor: sensor profiles, lenses, plate solution, exposure arithmetic."""
