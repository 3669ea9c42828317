// A room that is on no map.
