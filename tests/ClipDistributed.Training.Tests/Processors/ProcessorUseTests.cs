using ClipDistributed.Training.Processors;

namespace ClipDistributed.Training.Tests.Processors;

public sealed class ProcessorUseTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("processors-").FullName;

    [Fact]
    public void Now_FilesOfTheKernel_GivesSeconds()
    {
        Write("proc/thread-self/schedstat", "1000000000 2500000000 17\n");
        Write("proc/stat", "cpu  100 200 300 9999 9999 10 20 30 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n");
        Write("sys/fs/cgroup/cpu.stat", "usage_usec 5\nnr_throttled 2\nthrottled_usec 1500000\n");

        var use = ProcessorUse.Now(root)!.Value;

        Assert.Equal((2.5, 6.6, 1.5), (use.Waited, use.Machine, use.Throttled));
    }

    [Fact]
    public void Now_NoSuchFiles_IsNull() => Assert.Null(ProcessorUse.Now(root));

    private void Write(string path, string text)
    {
        string full = Path.Combine(root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    public void Dispose() => Directory.Delete(root, recursive: true);
}
