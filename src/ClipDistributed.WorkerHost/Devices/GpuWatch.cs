using ClipDistributed.Contracts.Host.V1;

namespace ClipDistributed.WorkerHost.Devices;

/// <summary>Asks the driver at an interval how the offered GPUs are; heartbeats carry its last answer.</summary>
internal sealed class GpuWatch(HostDevices devices, NvidiaSmi driver, TimeSpan interval, TimeProvider time)
{
    // Of a driver that does not answer: each try leaves a process that may not be killed.
    private static readonly TimeSpan MaxPause = TimeSpan.FromMinutes(5);

    private readonly SortedDictionary<int, NvidiaGpu> gpus = new(
        devices.Offered.Where(device => device.Kind == DeviceKind.Cuda)
            .ToDictionary(device => device.Index, device => devices.Gpus[device.Index])
    );

    private volatile IReadOnlyList<DeviceState> states = [];

    /// <summary>May be called from any thread.</summary>
    public Heartbeat Heartbeat() => new() { Devices = { states } };

    /// <summary>Until <paramref name="stop"/>; ends at once where no GPU is offered.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var pause = interval;
        while (gpus.Count > 0 && !stop.IsCancellationRequested)
        {
            if (await driver.QueryAsync(GpuStates.Fields, stop) is { } answer)
                (states, pause) = (GpuStates.Next(states, answer, gpus), interval);
            else
                pause = pause * 2 < MaxPause ? pause * 2 : MaxPause;
            await Task.Delay(pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
