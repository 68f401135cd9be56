import {expect,test} from "vitest";
test("x",()=>{ expect({}).not.toEqual({["__proto__"]:{a:1}}); expect({["__proto__"]:{a:2}}).not.toEqual({["__proto__"]:{a:1}}); });
