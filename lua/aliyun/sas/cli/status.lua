--- The exit statuses of the command line.

return {
  ok = 0,
  error = 1,
  drift = 2,         -- of plan: something would change
  usage = 64,        -- EX_USAGE of sysexits.h
  hangup = 129,      -- as a shell tells of SIGHUP,
  interrupted = 130, -- of Ctrl-C,
  pipe = 141,        -- of a reader that has gone,
  terminated = 143,  -- and of SIGTERM
}
