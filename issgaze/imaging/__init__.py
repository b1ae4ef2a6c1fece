"""Raw frames and what belongs to one of them: calibration, defects, Bayer, detection, warp."""
