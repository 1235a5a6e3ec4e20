/* lua: runs a script with the Lua of this host's library. */
#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>

int
main (int argc, char **argv)
{
    lua_State *lua = luaL_newstate ();

    luaL_openlibs (lua);
    if (argc < 2 || luaL_dofile (lua, argv[1]) != LUA_OK) {
        fprintf (stderr, "%s\n", argc < 2 ? "no script" : lua_tostring (lua, -1));
        return 1;
    }
    lua_close (lua);
    return 0;
}
