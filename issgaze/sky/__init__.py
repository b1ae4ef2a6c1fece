"""Where the sky is: sidereal time, coordinates, Sun, Moon, refraction, stars of date."""
