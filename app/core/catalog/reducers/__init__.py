"""Pure reducers: all events of one thing, in order, to what is true of it. No SQL here.

A reducer is given every event that shares `(entity, entity_id, project_id, part)`, sorted by
`Event.order`; so the order in which events arrive cannot matter. `part` splits an entity into what
changes independently (a clip's rating, each of its tags).
"""
