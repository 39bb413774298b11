--- A path among the arguments, as in `--out "$UNSET"`: a converter for the parser.
---@param text string
---@return string? path, string? message
return function(text)
  if text == "" then
    return nil, "the path is empty"
  end
  return text
end
