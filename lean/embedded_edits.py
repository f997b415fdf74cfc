"""The changes to the package's lean.js: each a named replacement, with the reason for it.

What they call on the JavaScript side lies in `driver/host.cjs`; `embedded_javascript.py` applies
them.
"""

from dataclasses import dataclass

MAIN_STACK_BYTES = 8 << 20
"""Stack of Lean's main thread; the package's own main thread has 64 KiB."""
WORKER_STACK_MIB = 64
"""V8's stack of each thread; deep recursion in Lean needs it."""
THREADS_AT_START = 2


@dataclass(frozen=True, slots=True)
class Edit:
    """One replacement: `pattern` occurs exactly `count` times and becomes `replacement`. `why` is
    for the reader.
    """

    name: str
    why: str
    pattern: str
    replacement: str
    count: int = 1


def _refuse(function: str, name: str, error: str) -> Edit:
    """Make a C-callable JavaScript function fail at once with `error`."""
    return Edit(
        name=f"no {name}",
        why="a Lean file can call any C function; this one would reach outside the mounts",
        pattern=function,
        replacement=f"{function}{error}",
    )


_START = [
    Edit(
        "module object",
        "launch.cjs hands its settings over in a global; threads have none",
        'var Module=typeof Module!="undefined"?Module:{};',
        'var Module=globalThis.unsorryModule??{};var host=require("./host.cjs");',
    ),
    Edit(
        "threads at start",
        "four threads that compile at once are slower than two; more are made when needed",
        "var pthreadPoolSize=4;",
        f"var pthreadPoolSize={THREADS_AT_START};",
    ),
    Edit(
        "stack of threads",
        "Lean recurses deeply",
        'worker=new Worker(pthreadMainJs,{workerData:"em-pthread",name:"em-pthread"})',
        'worker=new Worker(pthreadMainJs,{workerData:"em-pthread",name:"em-pthread",'
        f"resourceLimits:{{stackSizeMb:{WORKER_STACK_MIB}}}}})",
    ),
    Edit(
        "environment variables",
        "every thread looks them up in its own copy",
        "var ENV={};",
        "var ENV=host.environment;",
    ),
    Edit(
        "place of the program",
        "Lean finds its library from it, and need not know where it lies on the host",
        "if(isNode){path=__filename}",
        'if(isNode){path="/lean/bin/lean"}',
    ),
    Edit(
        "own mounts only",
        "the package mounts the whole of /home and /tmp, writable;"
        " launch.cjs has mounted what is allowed",
        'var isNode=typeof process!=="undefined"&&(process.release&&process.release.name==="node");'
        "if(isNode){var lean_path=",
        "return;var isNode=typeof"
        ' process!=="undefined"&&(process.release&&process.release.name==="node");'
        "if(isNode){var lean_path=",
    ),
    Edit(
        "no host file system",
        "NODEFS writes to the host, and needs process.binding, which Node's permission model "
        "forbids",
        "NODEFS.isWindows=!!process.platform.match(/^win/);var "
        'flags=process.binding("constants")["fs"];',
        "return;var flags={};",
    ),
    Edit(
        "no mounting of host folders",
        "only the read-only file system of host.cjs may be mounted",
        'mount(mount){return NODEFS.createNode(null,"/",',
        'mount(mount){throw new FS.ErrnoError(63);return NODEFS.createNode(null,"/",',
    ),
]

_SYMBOLS = [
    Edit(
        "addresses of imported symbols",
        "they were read from exports that are gone",
        "var GOT={};",
        "var GOT={};var GOT_ADDRESSES=UNSORRY_ADDRESSES;",
    ),
    Edit(
        "fill the table of addresses",
        "the same",
        "updateGOT(origExports);LDSO.init()",
        "for(const name in GOT)if(GOT[name].value==-1&&name in "
        "GOT_ADDRESSES)GOT[name].value=GOT_ADDRESSES[name];"
        "LDSO.init()",
    ),
    Edit(
        "dlsym",
        "a hash table instead of a search through 200,000 names;"
        " JavaScript's own functions are not found any more",
        "var __dlsym_js=(handle,symbol,symbolIndex)=>{",
        "var __dlsym_js=(handle,symbol,symbolIndex)=>{"
        "var address=host.findSymbol((growMemViews(),HEAPU8),symbol);"
        "if(address!==null)return address;"
        "dlSetError(`there is no symbol ${UTF8ToString(symbol)}`);return 0;",
    ),
]

_MAIN_THREAD = [
    Edit(
        "main in a thread of its own",
        "the JavaScript main thread then stays in its event loop and answers the other "
        "threads at once",
        "function callMain(",
        "function callMainInThread(args){args.unshift(thisProgram);"
        "var argv=_malloc(4*(args.length+1));"
        "args.forEach((arg,i)=>{var size=lengthBytesUTF8(arg)+1,text=_malloc(size);"
        "stringToUTF8(arg,text,size);"
        "(growMemViews(),HEAPU32)[(argv>>2)+i]=text});(growMemViews(),"
        "HEAPU32)[(argv>>2)+args.length]=0;"
        "var attributes=_malloc(128);_pthread_attr_init(attributes);"
        f"_pthread_attr_setstacksize(attributes,{MAIN_STACK_BYTES});runtimeKeepalivePush();"
        "if(_pthread_create(_malloc(8),attributes,UNSORRY_MAIN_INDEX,argv))throw new "
        'Error("no thread for main")}'
        "function callMain(",
    ),
    Edit(
        "start main there",
        "the same",
        "if(!noInitialRun)callMain(args);",
        "if(!noInitialRun)callMainInThread(args);",
    ),
    Edit(
        "run main there",
        "main takes two arguments, a thread's function one; what main returns ends the process",
        "var result=getWasmTableEntry(ptr)(arg);",
        "if(ptr==UNSORRY_MAIN_INDEX){var argc=0;while((growMemViews(),"
        "HEAPU32)[(arg>>2)+argc])argc++;"
        "exitOnMainThread(getWasmTableEntry(ptr)(argc,arg));return}"
        "var result=getWasmTableEntry(ptr)(arg);",
    ),
    Edit(
        "end of the process",
        "nothing may keep it alive once Lean asked for the end, not even a trap in the clean-up",
        "return proxyToMainThread(1,0,0,returnCode);_exit(returnCode)}",
        "return proxyToMainThread(1,0,0,returnCode);runtimeKeepaliveCounter=0;noExitRuntime=false;"
        "try{_exit(returnCode)}finally{Module.onExit(returnCode)}}",
    ),
]

# Calls that answer directly for files of host.cjs, and leave everything else (files in memory) to
# Emscripten.
_FILES = [
    Edit(
        "open",
        "no detour over the main thread",
        "function ___syscall_openat(dirfd,path,flags,varargs){",
        "function ___syscall_openat(dirfd,path,flags,varargs){"
        "{let own=host.open(dirfd,UTF8ToString(path),flags);if(own!==null)return own}",
    ),
    Edit(
        "fstat",
        "the same",
        "function ___syscall_fstat64(fd,buf){",
        "function ___syscall_fstat64(fd,buf){if(host.owns(fd))return "
        "SYSCALLS.writeStat(buf,host.statOpen(fd));",
    ),
    Edit(
        "stat",
        "the same",
        "function ___syscall_stat64(path,buf){",
        "function ___syscall_stat64(path,buf){{let own=host.stat(-100,UTF8ToString(path),true);"
        'if(own!==null)return typeof own=="number"?own:SYSCALLS.writeStat(buf,own)}',
    ),
    Edit(
        "lstat",
        "the same",
        "function ___syscall_lstat64(path,buf){",
        "function ___syscall_lstat64(path,buf){{let own=host.stat(-100,UTF8ToString(path),false);"
        'if(own!==null)return typeof own=="number"?own:SYSCALLS.writeStat(buf,own)}',
    ),
    Edit(
        "fstatat",
        "the same; 4096 is AT_EMPTY_PATH, 256 is AT_SYMLINK_NOFOLLOW",
        "function ___syscall_newfstatat(dirfd,path,buf,flags){",
        "function ___syscall_newfstatat(dirfd,path,buf,flags){"
        "if(host.owns(dirfd))return SYSCALLS.writeStat(buf,host.statOpen(dirfd));"
        "if(!(flags&4096)){let own=host.stat(dirfd,UTF8ToString(path),!(flags&256));"
        'if(own!==null)return typeof own=="number"?own:SYSCALLS.writeStat(buf,own)}',
    ),
    Edit(
        "read",
        "the same; stdin is read in the thread that waits for it",
        "function _fd_read(fd,iov,iovcnt,pnum){",
        "function _fd_read(fd,iov,iovcnt,pnum){"
        "if(host.owns(fd)||fd==0&&ENVIRONMENT_IS_PTHREAD){growMemViews();"
        "let count=fd==0?host.readStandardInput(wasmMemory,iov,iovcnt):host.read(wasmMemory,"
        "fd,iov,iovcnt);"
        "HEAPU32[pnum>>2]=count;return 0}",
    ),
    Edit(
        "pread",
        "the same",
        "function _fd_pread(fd,iov,iovcnt,offset,pnum){",
        "function _fd_pread(fd,iov,iovcnt,offset,pnum){if(host.owns(fd)){growMemViews();"
        "HEAPU32[pnum>>2]=host.read(wasmMemory,fd,iov,iovcnt,Number(offset));return 0}",
    ),
    Edit(
        "write",
        "stdout and stderr are written at once and whole",
        "function _fd_write(fd,iov,iovcnt,pnum){",
        "function _fd_write(fd,iov,iovcnt,pnum){if(fd==1||fd==2){growMemViews();"
        "let count=host.writeStandardOutput(wasmMemory,fd,iov,iovcnt);if(count<0)return-count;"
        "HEAPU32[pnum>>2]=count;return 0}if(host.owns(fd))return 8;",
    ),
    Edit(
        "seek",
        "no detour over the main thread",
        "function _fd_seek(fd,offset,whence,newOffset){",
        "function _fd_seek(fd,offset,whence,newOffset){if(host.owns(fd)){"
        "let at=host.seek(fd,Number(offset),whence);if(at<0)return-at;"
        "(growMemViews(),HEAP64)[newOffset>>3]=BigInt(at);return 0}",
    ),
    Edit(
        "close",
        "the same",
        "function _fd_close(fd){",
        "function _fd_close(fd){if(host.owns(fd)){host.close(fd);return 0}",
    ),
    Edit(
        "kind of descriptor",
        "the same; 4 is a regular file",
        "function _fd_fdstat_get(fd,pbuf){",
        "function _fd_fdstat_get(fd,pbuf){if(host.owns(fd)){growMemViews();HEAP8[pbuf]=4;"
        "HEAP16[pbuf+2>>1]=0;"
        "HEAP64[pbuf+8>>3]=0n;HEAP64[pbuf+16>>3]=0n;return 0}",
    ),
    Edit(
        "descriptor flags",
        "the same; there is nothing to set",
        "function ___syscall_fcntl64(fd,cmd,varargs){",
        "function ___syscall_fcntl64(fd,cmd,varargs){if(host.owns(fd))return 0;",
    ),
]

_LOCKED_DOORS = [
    _refuse("var __emscripten_system=command=>{", "shell", "return command?-52:0;"),
    _refuse(
        "var dlopenInternal=(handle,jsflags)=>{",
        "dynamic libraries",
        'dlSetError("the embedded Lean loads no dynamic libraries");return 0;',
    ),
    _refuse("function ___syscall_socket(domain,type,protocol){", "sockets", "return-52;"),
    _refuse("var _emscripten_run_script=ptr=>{", "scripts", "return;"),
    Edit(
        "no change of folder",
        "relative paths are resolved in host.cjs, which knows one working folder",
        "function ___syscall_chdir(path){",
        "function ___syscall_chdir(path){return-2;",
    ),
]

EDITS: tuple[Edit, ...] = (*_START, *_SYMBOLS, *_MAIN_THREAD, *_FILES, *_LOCKED_DOORS)
"""Every change to lean.js after the export assignments are gone, in order."""
