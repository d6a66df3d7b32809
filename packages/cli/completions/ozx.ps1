# PowerShell completion for ozx; made by: ozx completion powershell
Register-ArgumentCompleter -Native -CommandName ozx -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $commands = [ordered]@{
    'convert' = 'pack a folder, TIFF, CZI, ND2 or LIF into an .ozx, unpack an .ozx, or rewrite a zip as an .ozx'
    'plan' = 'divide a conversion into parts that many jobs run'
    'run' = 'run one part of a plan, as a task of an array of jobs'
    'finish' = 'complete the output of a plan when all parts have run'
    'merge' = 'put images or wells that were made apart into one plate or collection'
    'append' = 'add images to a plate, collection or time series in place'
    'edit' = 'change scale, units, names, channels and wells in place'
    'info' = 'show what an image, a plate or an archive contains'
    'ls' = 'list the keys of a folder or archive'
    'cat' = 'write one value of a folder or archive to the standard output'
    'validate' = 'check an image and its archive against RFC-9, Zarr and OME-Zarr'
    'verify' = 'compare the pixels and metadata of two images'
    'view' = 'open an image in the browser'
    'thumbnail' = 'draw a small picture of an image as PNG'
    'register' = 'make the desktop open .ozx files, and show thumbnails'
    'fix' = 'repair an archive: comment, order, ZIP64, compression'
    'salvage' = 'write what can be read of a damaged archive into a new one'
    'completion' = 'print a script that completes commands, options and files in your shell'
    'manual' = 'print the manual page, for man'
    'help' = 'show the help of a command'
  }
  $options = @{
    '' = [ordered]@{
      '--version' = 'print the version'
      '--help' = 'display help for command'
    }
    'convert' = [ordered]@{
      '--input' = 'the input, instead of the first argument'
      '--output' = 'the output, instead of the second argument'
      '--out-dir' = 'convert all inputs, into files below this folder named after them'
      '--as' = 'what the files below --out-dir are; by default ozx'
      '--log' = 'with --out-dir: append a JSON line for each input to this file'
      '--shard' = 'store many chunks in one entry: auto, or a shape as in z=8,y=2048,x=2048; none stores each by itself'
      '--codec' = 'recompress the pixels: zstd:5, blosc:lz4:5:shuffle, gzip:6, none'
      '--pyramid' = 'add missing lower-resolution levels, down to about 256 pixels'
      '--method' = 'how levels are made of pixels, by default mean'
      '--path' = 'take one node: a well, an image of a collection, a label image'
      '--levels' = 'take some resolution levels; 1: is all but the largest'
      '--leave-out' = 'leave out a table, a label image or another node that no image needs; repeatable'
      '--t' = 'take a range of positions, as in 0:10, 4: or 1; likewise --c (or a channel''s name), --z, --y, --x'
      '--chunks' = 'other chunks, in pixels by axis as in z=8,y=512,x=512'
      '--project' = 'one pixel of all along an axis: z=max, mean, sum or min'
      '--dtype' = 'rescale the values of images to a data type, from --window'
      '--window' = 'the values that become 0 and the largest with --dtype; by default each channel''s own'
      '--memory' = 'how much memory decoded chunks may take, as in 2GB; 512MB by default'
      '--ome-zarr-version' = 'the version to write; 0.4 only into a folder'
      '--allow-missing' = 'go on where an image lists a level that has no array, or pixels of a TIFF are missing or damaged, which become 0, and say so'
      '--allow-damaged' = 'read and decode every chunk first, and leave out those that are damaged: they become fill values, and are counted'
      '--jobs' = 'threads that encode and write, by default one for each processor; with --out-dir also how many images at once'
      '--resume' = 'resume an interrupted run, and keep what is written if this one is interrupted'
      '--verify' = 'compare the output with the input before it replaces anything; identical chunks are not decoded'
      '--thumbnail' = 'also write a small picture of it, as Thumbnails/thumbnail.jpg'
      '--dry-run' = 'only print what would be written'
      '--force' = 'replace the output if it exists'
      '--quiet' = 'print nothing but errors'
      '--header' = 'send this header to the server, as in "Authorization: Bearer …"; repeatable'
      '--download' = 'download a file completely before reading it, for servers without range requests'
      '--max-metadata' = 'read metadata documents, and directories of archives on a server, up to this size, as in 200MB; 64MB by default'
      '--axes' = 'what the planes of a TIFF are that does not say it: t, c or z; or several from the slowest on, as in t=10,c=2,z'
      '--help' = 'display help for command'
      '--c' = ''
      '--z' = ''
      '--y' = ''
      '--x' = ''
    }
    'plan' = [ordered]@{
      '--parts' = 'how many parts there may be; fewer where there is little to do'
      '--output' = 'the file of the plan to write, or an s3:// address'
      '--shard' = 'store many chunks in one entry: auto, or a shape as in z=8,y=2048,x=2048; none stores each by itself'
      '--codec' = 'recompress the pixels: zstd:5, blosc:lz4:5:shuffle, gzip:6, none'
      '--pyramid' = 'add missing lower-resolution levels, down to about 256 pixels'
      '--method' = 'how levels are made of pixels, by default mean'
      '--path' = 'take one node: a well, an image of a collection, a label image'
      '--levels' = 'take some resolution levels; 1: is all but the largest'
      '--leave-out' = 'leave out a table, a label image or another node that no image needs; repeatable'
      '--t' = 'take a range of positions, as in 0:10, 4: or 1; likewise --c (or a channel''s name), --z, --y, --x'
      '--chunks' = 'other chunks, in pixels by axis as in z=8,y=512,x=512'
      '--project' = 'one pixel of all along an axis: z=max, mean, sum or min'
      '--dtype' = 'rescale the values of images to a data type, from --window'
      '--window' = 'the values that become 0 and the largest with --dtype; by default each channel''s own'
      '--memory' = 'how much memory decoded chunks may take, as in 2GB; 512MB by default'
      '--ome-zarr-version' = 'the version to write; 0.4 only into a folder'
      '--allow-missing' = 'go on where an image lists a level that has no array, or pixels of a TIFF are missing or damaged, which become 0, and say so'
      '--allow-damaged' = 'read and decode every chunk first, and leave out those that are damaged: they become fill values, and are counted'
      '--force' = 'replace the plan if it exists, and let finish replace the output'
      '--quiet' = 'print nothing but errors'
      '--header' = 'send this header to the server, as in "Authorization: Bearer …"; repeatable'
      '--download' = 'download a file completely before reading it, for servers without range requests'
      '--max-metadata' = 'read metadata documents, and directories of archives on a server, up to this size, as in 200MB; 64MB by default'
      '--axes' = 'what the planes of a TIFF are that does not say it: t, c or z; or several from the slowest on, as in t=10,c=2,z'
      '--help' = 'display help for command'
      '--c' = ''
      '--z' = ''
      '--y' = ''
      '--x' = ''
    }
    'run' = [ordered]@{
      '--part' = 'the part, from 0; by default that of the task in an array of jobs'
      '--jobs' = 'threads that encode and write; by default one for each processor'
      '--quiet' = 'print nothing but errors and what was written'
      '--header' = 'send this header to the server, as in "Authorization: Bearer …"; repeatable'
      '--download' = 'download a file completely before reading it, for servers without range requests'
      '--max-metadata' = 'read metadata documents, and directories of archives on a server, up to this size, as in 200MB; 64MB by default'
      '--help' = 'display help for command'
    }
    'finish' = [ordered]@{
      '--abandon' = 'give the plan up instead: remove what its parts have written, and abort its upload'
      '--quiet' = 'print nothing but errors and what was written'
      '--help' = 'display help for command'
    }
    'merge' = [ordered]@{
      '--layout' = 'a table of the positions, as CSV with the columns path,row,column,field,acquisition'
      '--name' = 'the name of the plate'
      '--collection' = 'make a collection, also of inputs with the names of wells'
      '--ome-zarr-version' = 'the version to write; 0.4 only into a folder'
      '--verify' = 'compare the output with the inputs before it replaces anything'
      '--dry-run' = 'only print what would be written'
      '--force' = 'replace the output if it exists'
      '--quiet' = 'print nothing but errors'
      '--header' = 'send this header to the server, as in "Authorization: Bearer …"; repeatable'
      '--download' = 'download a file completely before reading it, for servers without range requests'
      '--max-metadata' = 'read metadata documents, and directories of archives on a server, up to this size, as in 200MB; 64MB by default'
      '--help' = 'display help for command'
    }
    'append' = [ordered]@{
      '--well' = 'the well of the images, as in B/4; as B/4/1 with the name of the field'
      '--acquisition' = 'the acquisition of the images, by its number'
      '--layout' = 'a table of the positions, as CSV with the columns path,row,column,field,acquisition'
      '--along' = 'continue an image along this axis, as in t, by images of the same size'
      '--dry-run' = 'only print what would be added'
      '--quiet' = 'print nothing but errors'
      '--header' = 'send this header to the server, as in "Authorization: Bearer …"; repeatable'
      '--download' = 'download a file completely before reading it, for servers without range requests'
      '--max-metadata' = 'read metadata documents, and directories of archives on a server, up to this size, as in 200MB; 64MB by default'
      '--help' = 'display help for command'
    }
    'edit' = [ordered]@{
      '--path' = 'one node of it: an image such as B/03/0, a label image such as labels/cells'
      '--name' = 'the name of the image or plate'
      '--scale' = 'the size of a pixel, as in z=2,y=0.65,x=0.65; lower levels and label images follow'
      '--unit' = 'the unit of the axes of space, as in micrometer; or z=micrometer,t=second'
      '--channel' = 'what changes of a channel: 0:name=DNA,color=00FFFF,window=0..700,active=true; may be given again'
      '--rename-channel' = 'the old and the new name, as in Actin=F-actin; may be given again'
      '--drop-channel' = 'hide a channel, by number or name: its pixels and its place in the list stay; may be given again'
      '--rename-well' = 'the old and the new place, as in A/1=B/3; may be given again'
      '--acquisition' = 'what changes of an acquisition, also of one that only wells name: 0:name=day1,description=first; may be given again'
      '--from' = 'the JSON that ozx info --edit prints, with other values; - is the standard input'
      '--undo' = 'restore the documents before the last edit'
      '--dry-run' = 'only print what would change'
      '--quiet' = 'print nothing but errors'
      '--help' = 'display help for command'
    }
    'info' = [ordered]@{
      '--verbose' = 'also show the tree of nodes, and how the archive follows RFC-9'
      '--path' = 'show one node: a well such as B/03, a field, a label image'
      '--json' = 'print everything as one JSON object (docs/info-json.md)'
      '--edit' = 'print the metadata that ozx edit --from takes back, as JSON (docs/info-json.md)'
      '--header' = 'send this header to the server, as in "Authorization: Bearer …"; repeatable'
      '--download' = 'download a file completely before reading it, for servers without range requests'
      '--max-metadata' = 'read metadata documents, and directories of archives on a server, up to this size, as in 200MB; 64MB by default'
      '--axes' = 'what the planes of a TIFF are that does not say it: t, c or z; or several from the slowest on, as in t=10,c=2,z'
      '--help' = 'display help for command'
    }
    'ls' = [ordered]@{
      '--long' = 'also print the size of each and, in an archive, its compression method and the offset of its header'
      '--json' = 'print one JSON object a line, with all of that'
      '--header' = 'send this header to the server, as in "Authorization: Bearer …"; repeatable'
      '--download' = 'download a file completely before reading it, for servers without range requests'
      '--max-metadata' = 'read metadata documents, and directories of archives on a server, up to this size, as in 200MB; 64MB by default'
      '--help' = 'display help for command'
    }
    'cat' = [ordered]@{
      '--json' = 'indent a metadata document, with one member a line'
      '--header' = 'send this header to the server, as in "Authorization: Bearer …"; repeatable'
      '--download' = 'download a file completely before reading it, for servers without range requests'
      '--max-metadata' = 'read metadata documents, and directories of archives on a server, up to this size, as in 200MB; 64MB by default'
      '--help' = 'display help for command'
    }
    'validate' = [ordered]@{
      '--deep' = 'also read all data: check checksums and shard indices, decode every chunk'
      '--jobs' = 'threads that decode with --deep; by default one for each processor'
      '--strict' = 'treat warnings as errors'
      '--verbose' = 'show examples of what is recommended, and what to do about each kind'
      '--json' = 'print one JSON object (docs/validate-json.md)'
      '--jsonl' = 'print one JSON object for each finding, as soon as it is found'
      '--quiet' = 'print only errors and, for several files, the names of those that are not valid'
      '--header' = 'send this header to the server, as in "Authorization: Bearer …"; repeatable'
      '--download' = 'download a file completely before reading it, for servers without range requests'
      '--max-metadata' = 'read metadata documents, and directories of archives on a server, up to this size, as in 200MB; 64MB by default'
      '--help' = 'display help for command'
    }
    'verify' = [ordered]@{
      '--bytes' = 'compare the stored bytes of each entry, such as compressed chunks, instead of pixels'
      '--jobs' = 'threads that decode; by default one for each processor'
      '--quiet' = 'print nothing but errors; the exit code is the result'
      '--header' = 'send this header to the server, as in "Authorization: Bearer …"; repeatable'
      '--download' = 'download a file completely before reading it, for servers without range requests'
      '--max-metadata' = 'read metadata documents, and directories of archives on a server, up to this size, as in 200MB; 64MB by default'
      '--axes' = 'what the planes of a TIFF are that does not say it: t, c or z; or several from the slowest on, as in t=10,c=2,z'
      '--help' = 'display help for command'
    }
    'view' = [ordered]@{
      '--no-open' = 'only print the address'
      '--once' = 'end when the page was closed; without it, Ctrl-C ends the command'
      '--port' = 'the port of the page; any free one by default'
      '--header' = 'send this header to the server, as in "Authorization: Bearer …"; repeatable'
      '--download' = 'download a file completely before reading it, for servers without range requests'
      '--max-metadata' = 'read metadata documents, and directories of archives on a server, up to this size, as in 200MB; 64MB by default'
      '--help' = 'display help for command'
    }
    'thumbnail' = [ordered]@{
      '--size' = 'its longer side at most'
      '--inside' = 'put it into the .ozx or folder, as Thumbnails/thumbnail.jpg'
      '--quiet' = 'print nothing but errors'
      '--header' = 'send this header to the server, as in "Authorization: Bearer …"; repeatable'
      '--download' = 'download a file completely before reading it, for servers without range requests'
      '--max-metadata' = 'read metadata documents, and directories of archives on a server, up to this size, as in 200MB; 64MB by default'
      '--help' = 'display help for command'
    }
    'register' = [ordered]@{
      '--remove' = 'undo it, and leave nothing behind'
      '--dry-run' = 'only say what would be written, removed and run'
      '--help' = 'display help for command'
    }
    'fix' = [ordered]@{
      '--output' = 'write a new archive and leave the file as it is'
      '--dry-run' = 'only print what would be done'
      '--force' = 'replace the output if it exists; without -o, replace the file itself, also where only bytes in it are unused'
      '--tail-only' = 'repair what can be repaired in place, and leave the rest'
      '--quiet' = 'print nothing but errors'
      '--help' = 'display help for command'
    }
    'salvage' = [ordered]@{
      '--json' = 'print what is found and lost as JSON'
      '--dry-run' = 'only list what is lost; no output is needed'
      '--force' = 'replace the output if it exists'
      '--quiet' = 'print nothing but errors; the exit code is the result'
      '--help' = 'display help for command'
    }
    'completion' = [ordered]@{
      '--help' = 'display help for command'
    }
    'manual' = [ordered]@{
      '--help' = 'display help for command'
    }
  }
  $values = @{
    'convert --as' = @('ozx', 'zarr')
    'convert --shard' = @('auto', 'none')
    'convert --codec' = @('zstd', 'zstd:5', 'blosc', 'blosc:lz4:5:shuffle', 'blosc:zstd:5:shuffle', 'gzip:6', 'none')
    'convert --method' = @('mean', 'median', 'mode', 'min', 'max', 'stride')
    'convert --chunks' = @('y=512,x=512', 'z=8,y=512,x=512', 'z=64,y=64,x=64')
    'convert --project' = @('z=max', 'z=mean', 'z=sum', 'z=min', 't=max')
    'convert --dtype' = @('uint8', 'uint16')
    'convert --window' = @('0..4095', '0..65535')
    'convert --memory' = @('512MB', '1GB', '2GB')
    'convert --ome-zarr-version' = @('0.4', '0.5', '0.6')
    'convert --header' = @('Authorization:')
    'convert --max-metadata' = @('64MB', '200MB', '1GB')
    'convert --axes' = @('t', 'c', 'z')
    'plan --shard' = @('auto', 'none')
    'plan --codec' = @('zstd', 'zstd:5', 'blosc', 'blosc:lz4:5:shuffle', 'blosc:zstd:5:shuffle', 'gzip:6', 'none')
    'plan --method' = @('mean', 'median', 'mode', 'min', 'max', 'stride')
    'plan --chunks' = @('y=512,x=512', 'z=8,y=512,x=512', 'z=64,y=64,x=64')
    'plan --project' = @('z=max', 'z=mean', 'z=sum', 'z=min', 't=max')
    'plan --dtype' = @('uint8', 'uint16')
    'plan --window' = @('0..4095', '0..65535')
    'plan --memory' = @('512MB', '1GB', '2GB')
    'plan --ome-zarr-version' = @('0.4', '0.5', '0.6')
    'plan --header' = @('Authorization:')
    'plan --max-metadata' = @('64MB', '200MB', '1GB')
    'plan --axes' = @('t', 'c', 'z')
    'run --header' = @('Authorization:')
    'run --max-metadata' = @('64MB', '200MB', '1GB')
    'merge --ome-zarr-version' = @('0.4', '0.5', '0.6')
    'merge --header' = @('Authorization:')
    'merge --max-metadata' = @('64MB', '200MB', '1GB')
    'append --along' = @('t', 'c', 'z')
    'append --header' = @('Authorization:')
    'append --max-metadata' = @('64MB', '200MB', '1GB')
    'edit --unit' = @('micrometer', 'nanometer', 'millimeter')
    'info --header' = @('Authorization:')
    'info --max-metadata' = @('64MB', '200MB', '1GB')
    'info --axes' = @('t', 'c', 'z')
    'ls --header' = @('Authorization:')
    'ls --max-metadata' = @('64MB', '200MB', '1GB')
    'cat --header' = @('Authorization:')
    'cat --max-metadata' = @('64MB', '200MB', '1GB')
    'validate --header' = @('Authorization:')
    'validate --max-metadata' = @('64MB', '200MB', '1GB')
    'verify --header' = @('Authorization:')
    'verify --max-metadata' = @('64MB', '200MB', '1GB')
    'verify --axes' = @('t', 'c', 'z')
    'view --header' = @('Authorization:')
    'view --max-metadata' = @('64MB', '200MB', '1GB')
    'thumbnail --header' = @('Authorization:')
    'thumbnail --max-metadata' = @('64MB', '200MB', '1GB')
    'completion' = @('bash', 'zsh', 'fish', 'powershell')
  }
  $images = @{
    'convert --path' = 'node'
    'convert --levels' = 'level'
    'convert --leave-out' = 'node'
    'convert --t' = 't'
    'convert --c' = 'c'
    'convert --z' = 'z'
    'convert --y' = 'y'
    'convert --x' = 'x'
    'plan --path' = 'node'
    'plan --levels' = 'level'
    'plan --leave-out' = 'node'
    'plan --t' = 't'
    'plan --c' = 'c'
    'plan --z' = 'z'
    'plan --y' = 'y'
    'plan --x' = 'x'
    'edit --path' = 'node'
    'edit --channel' = 'c'
    'edit --rename-channel' = 'c'
    'edit --drop-channel' = 'c'
    'edit --rename-well' = 'node'
    'info --path' = 'node'
  }
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
      Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
      ForEach-Object { $_.Extent.Text.Trim('"', "'") })
  $verb = @($words | Where-Object { $commands.Contains($_) -and $_ -ne 'help' })[0]
  $last = if ($words.Count -gt 0) { $words[-1] } else { '' }
  $found = [ordered]@{}
  if ($verb -and $values.ContainsKey("$verb $last")) {
    foreach ($value in $values["$verb $last"]) { $found[$value] = $value }
  } elseif ($verb -and $images.ContainsKey("$verb $last")) {
    foreach ($line in @(ozx complete $images["$verb $last"] -- @words 2>$null)) {
      $value, $what = $line -split "`t", 2
      $found[$value] = if ($what) { $what } else { $value }
    }
  } elseif ($wordToComplete -like '-*') {
    $found = $options[[string]$verb]
  } elseif (-not $verb) {
    $found = $commands
  } elseif ($values.ContainsKey($verb)) {
    foreach ($value in $values[$verb]) { $found[$value] = $value }
  }
  foreach ($entry in $found.GetEnumerator()) {
    if ($entry.Key -like "$wordToComplete*") {
      [System.Management.Automation.CompletionResult]::new($entry.Key, $entry.Key, 'ParameterValue', $entry.Value)
    }
  }
}
