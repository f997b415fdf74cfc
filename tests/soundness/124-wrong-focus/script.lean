constructor
· skip
· exact hq