PixelFormat = type("PixelFormat", (), {"__getattr__": lambda self, name: name})()
