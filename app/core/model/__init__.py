"""Values only: ids, enums, errors, timecode, events. Imports nothing else of Rushes."""
