"""Delivery: where approved clips go, and sending them there in the background."""
