using ClipDistributed.Training.Memory;

namespace ClipDistributed.Training.Tests.Memory;

public sealed class HostMemoryTests : IDisposable
{
    private const long GiB = 1L << 30;

    private readonly TemporaryFolder folder = new();

    public HostMemoryTests()
    {
        Write("proc/meminfo", $"MemTotal:       {900 * GiB / 1024} kB\nMemAvailable:   {800 * GiB / 1024} kB\n");
        Write("sys/fs/cgroup/memory.max", $"{500 * GiB}\n");
        Write("sys/fs/cgroup/memory.current", $"{450 * GiB}\n");
        Write("sys/fs/cgroup/memory.stat", $"anon {40 * GiB}\nfile {410 * GiB}\ninactive_file {300 * GiB}\nactive_file {100 * GiB}\n");
    }

    public void Dispose() => folder.Dispose();

    /// <summary>Shards that were read fill a container up, and give way.</summary>
    [Fact]
    public void Available_ContainerFullOfFiles_CountsThemAsFree() => AssertAvailable(450);

    [Fact]
    public void Available_ContainerWithoutALimit_IsWhatTheHostHas()
    {
        Write("sys/fs/cgroup/memory.max", "max\n");
        AssertAvailable(800);
    }

    [Fact]
    public void Available_Limit_IsTheMost() => Assert.Equal(7 * GiB, HostMemory.Available(7 * GiB, folder.Path));

    [Fact]
    public void Peak_ThisProcess_IsWhatLinuxReports()
    {
        Assert.InRange(HostMemory.Available(null), Environment.WorkingSet / 2, long.MaxValue - 1);
        Assert.InRange(HostMemory.Peak(), 1 << 20, 1L << 40);
    }

    /// <summary>What this process has itself comes on top.</summary>
    private void AssertAvailable(long expected) => Assert.InRange(HostMemory.Available(null, folder.Path) - (expected * GiB), 1, 20 * GiB);

    private void Write(string name, string text)
    {
        string path = Path.Combine(folder.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
