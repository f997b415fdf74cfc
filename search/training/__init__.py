"""Making a small generator from what was proved here: pairs, training, conversion, the gate."""
