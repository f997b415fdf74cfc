"""What was proved before, found again by likeness: steps of proofs and what they were for."""
