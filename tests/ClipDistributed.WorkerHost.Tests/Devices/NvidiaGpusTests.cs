using ClipDistributed.WorkerHost.Devices;

namespace ClipDistributed.WorkerHost.Tests.Devices;

public sealed class NvidiaGpusTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("clipd-test-").FullName;

    [Fact]
    public void Names_NoDriver_AreNone() =>
        Assert.Empty(NvidiaGpus.Names(Path.Combine(folder, "driver"), Path.Combine(folder, "dev"), null));

    [Fact]
    public void Names_DriverShowsThem_AreProductNames()
    {
        AddToDriver("0000:01:00.0", "NVIDIA H100");
        AddToDriver("0000:02:00.0", "NVIDIA L4");
        Assert.Equal(["NVIDIA H100", "NVIDIA L4"], Names());
    }

    [Fact]
    public void Names_ContainerWithFewerDeviceFiles_CountsThose()
    {
        AddToDriver("0000:01:00.0", "NVIDIA H100");
        AddToDriver("0000:02:00.0", "NVIDIA H100");
        AddDevices("nvidia1", "nvidiactl", "nvidia-uvm");
        Assert.Equal(["NVIDIA H100"], Names());
    }

    [Fact]
    public void Names_DriverHidden_CountsDeviceFiles()
    {
        AddDevices("nvidia0", "nvidia1", "nvidiactl", "nvidia-modeset");
        Assert.Equal(["NVIDIA GPU", "NVIDIA GPU"], Names());
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("-1", "")]
    [InlineData("1", "B")]
    [InlineData("1, 0", "B A")]
    [InlineData("0,7,1", "A")]
    [InlineData("GPU-7c1d", "NVIDIA GPU")]
    public void Names_SomeMadeVisible_AreThose(string visible, string expected)
    {
        AddToDriver("1", "A");
        AddToDriver("2", "B");
        Assert.Equal(expected, string.Join(' ', Names(visible)));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private IReadOnlyList<string> Names(string? visible = null) =>
        NvidiaGpus.Names(Path.Combine(folder, "driver"), Path.Combine(folder, "dev"), visible);

    private void AddToDriver(string bus, string product)
    {
        string gpu = Directory.CreateDirectory(Path.Combine(folder, "driver", bus)).FullName;
        File.WriteAllText(Path.Combine(gpu, "information"), $"Model: \t\t {product}\nIRQ:   \t\t 42\n");
    }

    private void AddDevices(params string[] names)
    {
        string devices = Directory.CreateDirectory(Path.Combine(folder, "dev")).FullName;
        foreach (string name in names)
            File.WriteAllText(Path.Combine(devices, name), "");
    }
}
