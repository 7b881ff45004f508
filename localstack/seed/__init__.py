"""Fills accounts of the local emulator with what a company would have in them."""
