"""Drafts: scripts with holes that become goals of their own, and the loop that repairs them."""
