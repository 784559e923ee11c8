"""What English words mean by their neighbours in WordNet, of those that no list of ours has."""
