"""Many frames into three stacks: streaming accumulators, outlier rejection."""
