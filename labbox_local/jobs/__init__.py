"""Work in other processes: what there is to do, who does it, and the true state of it."""
