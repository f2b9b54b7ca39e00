using System.Diagnostics;
using ClipDistributed.Contracts.Processes;

namespace ClipDistributed.Contracts.Tests.Processes;

public sealed class MemoryReuseTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("memory-").FullName;

    [Fact]
    public void Apply_LibraryBesideTheProgram_IsLoadedBeforeTheUsersOwn()
    {
        string shim = Path.Combine(folder, "libclipd_memory.so");
        File.WriteAllText(shim, "");
        var start = new ProcessStartInfo(Path.Combine(folder, "program"));
        start.Environment["LD_PRELOAD"] = "/lib/own.so";

        MemoryReuse.Apply(start);

        Assert.Equal($"{shim}:/lib/own.so", start.Environment["LD_PRELOAD"]);
    }

    [Fact]
    public void Apply_NoLibraryThere_LoadsNothing()
    {
        var start = new ProcessStartInfo(Path.Combine(folder, "program"));
        start.Environment.Remove("LD_PRELOAD");

        MemoryReuse.Apply(start);

        Assert.False(start.Environment.ContainsKey("LD_PRELOAD"));
    }

    [Fact]
    public void Apply_TunablesOfTheUser_Stay()
    {
        var start = new ProcessStartInfo(Path.Combine(folder, "program"));
        start.Environment["GLIBC_TUNABLES"] = "glibc.malloc.perturb=1";

        MemoryReuse.Apply(start);

        Assert.Equal("glibc.malloc.perturb=1", start.Environment["GLIBC_TUNABLES"]);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
