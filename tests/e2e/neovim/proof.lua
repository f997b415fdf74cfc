-- Run inside Neovim, with the configuration of docs/editors.md: from a sorry to its proof in the file, as a user would.
-- Says how it went in the file that REPORT names; the exit code is 1 when something failed.
local report = io.open(os.getenv('REPORT'), 'w')
local function say(...)
  report:write(table.concat({ ... }, ' ') .. '\n')
  report:flush()
end

local function wait(what, seconds, condition)
  assert(vim.wait(seconds * 1000, condition, 50), 'not within ' .. seconds .. ' s: ' .. what)
end

local function text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
end

local ok, problem = pcall(function()
  vim.cmd('edit ' .. os.getenv('FILE'))
  vim.cmd('write') -- what is saved is read
  wait('a proof', 300, function()
    local found = vim.diagnostic.get(0)[1]
    return found ~= nil and found.message:match('^proof found') ~= nil
  end)
  local found = vim.diagnostic.get(0)[1]
  say('diagnostic:', found.message)
  assert(found.source == 'unsorry', 'the source is ' .. tostring(found.source))
  vim.api.nvim_win_set_cursor(0, { found.lnum + 1, found.col + 1 })

  -- The menu of code actions, answered as a user would.
  vim.ui.select = function(items, options, choose)
    for index, item in ipairs(items) do
      local title = options.format_item and options.format_item(item) or tostring(item)
      say('action:', title)
      if title:match('^Insert the proof') then return choose(item, index) end
    end
    error('no action inserts the proof')
  end
  vim.lsp.buf.code_action()
  wait('the proof in the text', 60, function() return not text():match('sorry') end)
  say('text:', (text():gsub('\n', ' / ')))
  vim.cmd('write')
  wait('no diagnostic', 60, function() return #vim.diagnostic.get(0) == 0 end)
end)

say(ok and 'PASS' or ('FAIL ' .. tostring(problem)))
report:close()
vim.cmd(ok and 'qall!' or 'cquit!')
