"""Where the commands of a spec run: a work tree of their own, and as little as possible of the machine around it."""
