"""Skills that are shows: dances, and performances made of other skills."""
