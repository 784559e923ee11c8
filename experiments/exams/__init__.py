"""Public sets of instructions that the parser is put to: ONE file each in ``public``."""
