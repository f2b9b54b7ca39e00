using ClipDistributed.WorkerHost.Devices;

namespace ClipDistributed.WorkerHost.Tests.Devices;

public sealed class SharedMemoryTests
{
    [Theory]
    [InlineData(64L << 20, 0, false)]
    [InlineData(64L << 20, 1, false)] // nobody to pass data to
    [InlineData(64L << 20, 2, true)]
    [InlineData(SharedMemory.Enough - 1, 2, true)]
    [InlineData(SharedMemory.Enough, 8, false)]
    [InlineData(null, 2, true)]
    public void Notice_TooSmallForSeveralGpus_IsGiven(long? size, int gpus, bool isGiven) =>
        Assert.Equal(isGiven, SharedMemory.Notice(size, gpus) is not null);

    [Fact]
    public void Notice_SmallOne_NamesSizeAndRemedy() =>
        Assert.Equal(
            "/dev/shm has 64 MiB, and NCCL passes data between replicas of one host through it: give 8 GPUs 1 GiB or more (docker run "
                + "--shm-size=1g; in Kubernetes an emptyDir of medium Memory mounted there), or groups of several replicas may fail.",
            SharedMemory.Notice(64 << 20, 8)
        );

    [Fact]
    public void Size_MountedFolder_IsOfItsFileSystem()
    {
        using var folder = new TemporaryFolder();
        using var disk = new SmallDisk(folder.File("shm"), "3m");
        Assert.Equal(3L << 20, SharedMemory.Size(folder.File("shm")));
    }

    [Fact]
    public void Size_NoSuchFolder_IsNone() => Assert.Null(SharedMemory.Size("/nowhere/shm"));
}
