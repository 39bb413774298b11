--- What doctor says of a chatbots file and the folder of state beside it.

local fingerprints = require "aliyun.sas.fingerprints"
local sas = require "aliyun.sas"
local system = require "aliyun.sas.system"

local ABSENT = 2 -- ENOENT

local MISTAKES = "sas-dingtalk plan shows each mistake"
local UNREADABLE = "check the path that --file names, and that you may read it"

local function note_file(patient, path)
  local declared, err = sas.load(path)
  if declared then
    local count = #declared.chatbots
    return patient:note("file", "good", ("%d chatbot%s"):format(count, count == 1 and "" or "s"))
  end
  patient:note("file", "bad", patient.text(err), err.hint or err.problems and MISTAKES or UNREADABLE)
end

local function exists(path)
  local file, _, number = io.open(path)
  if file then
    file:close()
  end
  return file ~= nil or number ~= ABSENT
end

local function note_fingerprints(patient, folder)
  local prints, err = fingerprints.open(folder .. "/fingerprints.json")
  if not prints then
    patient:note("fingerprints", "bad", patient.text(err), err.hint)
  else
    patient:note("fingerprints", "good", "readable, by you alone")
  end
end

-- Whether it is private, and a file can be made there: one is, and taken away.
local function try_folder(folder)
  local trial = ("%s/doctor.%d"):format(folder, system.pid())
  local good, err = system.checkfolder(folder)
  if good then
    good, err = system.writefile(trial, "", "600")
    os.remove(trial)
  end
  return good, err
end

local function note_folder(patient, folder)
  local good, err = try_folder(folder)
  if good then
    patient:note("state", "good", folder .. " takes files")
    return note_fingerprints(patient, folder)
  end
  patient:note("state", "bad", patient.text(err),
    err.hint or "make it yours alone: chown it, and chmod 700 " .. folder)
end

--- Notes the file of --file, and its folder of state.
return function(patient)
  local path = patient.run.args.file
  if not path then
    return
  end
  note_file(patient, path)
  local folder = path .. ".state"
  if not exists(folder) then
    return patient:note("state", "good", "not there yet: apply makes it")
  end
  note_folder(patient, folder)
end
