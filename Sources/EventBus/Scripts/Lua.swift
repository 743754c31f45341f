/// Pieces of Lua that several scripts share.
enum Lua {
  /// `bury(source, group, dead, id, reason)`: records an entry as a dead letter, then acknowledges it. The record comes
  /// first, as the stream of dead letters may refuse it. The entry's fields are copied inside the server, byte for byte;
  /// Lua's stack holds no more than 8,000 of them, hence the bound.
  static let bury = """
    local function bury(source, group, dead, id, reason)
      local record = {'source', source, 'group', group, 'id', id, 'reason', reason}
      local found = redis.call('XRANGE', source, id, id)[1]
      if found then
        local fields = found[2]
        for i = 1, math.min(#fields, 2000), 2 do
          record[#record + 1] = 'entry.' .. fields[i]
          record[#record + 1] = fields[i + 1]
        end
        if #fields > 2000 then
          record[#record + 1] = 'truncated'
          record[#record + 1] = tostring(#fields / 2)
        end
      end
      redis.call('XADD', dead, '*', unpack(record))
      redis.call('XACK', source, group, id)
    end

    """
}
