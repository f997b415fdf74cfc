try omega
all_goals sorry