using ClipDistributed.WorkerHost.Devices;

namespace ClipDistributed.WorkerHost.Tests.Devices;

public sealed class DriverFilesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("clipd-test-").FullName;

    [Fact]
    public void Find_NoDriver_IsNone() => Assert.Empty(Find());

    [Fact]
    public void Find_DriverShowsThem_GivesProductNamesAndIds()
    {
        AddToDriver("0000:01:00.0", "NVIDIA H100", "GPU-5f0b3b2c-1d2e-3f40-5162-738495a6b7c8");
        AddToDriver("0000:02:00.0", "NVIDIA L4", "GPU-????????-????-????-????-????????????"); // not used yet
        Assert.Equal(
            [
                new NvidiaGpu("NVIDIA H100", "GPU-5f0b3b2c-1d2e-3f40-5162-738495a6b7c8", BusId: "0000:01:00.0"),
                new NvidiaGpu("NVIDIA L4", BusId: "0000:02:00.0"),
            ],
            Find());
    }

    [Fact]
    public void Find_ContainerWithFewerDeviceFiles_CountsThoseAndKnowsNoIds()
    {
        AddToDriver("0000:01:00.0", "NVIDIA H100", "GPU-1");
        AddToDriver("0000:02:00.0", "NVIDIA H100", "GPU-2");
        AddDevices("nvidia1", "nvidiactl", "nvidia-uvm");
        Assert.Equal([new NvidiaGpu("NVIDIA H100")], Find());
    }

    [Fact]
    public void Find_DriverHidden_CountsDeviceFiles()
    {
        AddDevices("nvidia0", "nvidia1", "nvidiactl", "nvidia-modeset");
        Assert.Equal([new NvidiaGpu("NVIDIA GPU"), new NvidiaGpu("NVIDIA GPU")], Find());
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private IReadOnlyList<NvidiaGpu> Find() => new DriverFiles(Path.Combine(folder, "driver"), Path.Combine(folder, "dev")).Find();

    private void AddToDriver(string bus, string product, string id)
    {
        string gpu = Directory.CreateDirectory(Path.Combine(folder, "driver", bus)).FullName;
        File.WriteAllText(Path.Combine(gpu, "information"), $"Model: \t\t {product}\nIRQ:   \t\t 42\nGPU UUID: \t {id}\n");
    }

    private void AddDevices(params string[] names)
    {
        string devices = Directory.CreateDirectory(Path.Combine(folder, "dev")).FullName;
        foreach (string name in names)
            File.WriteAllText(Path.Combine(devices, name), "");
    }
}
