--- The exit statuses of the command line.

return {
  ok = 0,
  error = 1,
  drift = 2,         -- of plan: something would change
  usage = 64,        -- EX_USAGE of sysexits.h
  interrupted = 130, -- as a shell tells of Ctrl-C
  pipe = 141,        -- as a shell tells of a reader that has gone
}
