using ClipDistributed.Contracts.Errors;
using ClipDistributed.WorkerHost.Devices;

namespace ClipDistributed.WorkerHost.Places;

/// <summary>The devices of a command that starts replicas on this machine by itself.</summary>
public sealed class LocalDevices
{
    private readonly IReadOnlyList<NvidiaGpu> found;

    private LocalDevices(IReadOnlyList<int> gpus, IReadOnlyList<NvidiaGpu> found, string? notice = null) =>
        (Gpus, this.found, Notice) = (gpus, found, notice);

    /// <summary>One for each replica, numbered as CUDA shows them; none: they compute on the processors.</summary>
    public IReadOnlyList<int> Gpus { get; }

    /// <summary>Why GPUs that are present are not used although the user did not ask for processors; null: none is left out.</summary>
    public string? Notice { get; }

    /// <param name="asked">Null: GPUs where the build can use them and the machine has any, else the processors.</param>
    /// <param name="libTorch">A folder of libtorch libraries; null: the replica's own.</param>
    /// <exception cref="BadInputException">A device that was asked for cannot be used, or there are too few for the replicas.</exception>
    public static LocalDevices Choose(DeviceRequest? asked, int replicas, string replicaProgram, string? libTorch)
    {
        if (asked is { Gpus: [] })
            return new LocalDevices([], []);
        string? unusable = HostDevices.WhyUnusable(replicaProgram, libTorch);
        // What cannot be used is only counted: the driver's program takes seconds on some machines.
        return Choose(asked, replicas, unusable is null ? NvidiaGpus.Find() : new DriverFiles().Find(), unusable);
    }

    internal static LocalDevices Choose(DeviceRequest? asked, int replicas, IReadOnlyList<NvidiaGpu> found, string? unusable)
    {
        if (unusable is not null && asked is not null)
            throw new BadInputException($"--device is {asked}, but {unusable}, or use --device cpu.");
        if (unusable is not null)
            return new LocalDevices([], [], found.Count > 0 ? $"The GPUs of this machine are not used: {unusable}." : null);
        if (asked?.Gpus is { } named)
            return new LocalDevices(Checked(asked, named, found), found);
        int[] whole = [.. Enumerable.Range(0, found.Count).Where(gpu => !found[gpu].IsCut)];
        if (whole.Length == 0 && asked is null)
            return new LocalDevices(
                [], [], found.Count > 0 ? $"The GPUs of this machine are not used: {Has(found)}, and replicas use whole ones." : null);
        if (whole.Length == 0)
            throw new BadInputException($"--device is {asked}; this machine has {Has(found)}. Use --device cpu.");
        if (whole.Length < replicas)
            throw new BadInputException(
                $"--replicas is {replicas}, one for each GPU, and this machine has {Has(found)}; use --replicas {whole.Length}, or "
                    + "--device cpu for replicas on the processors."
            );
        return new LocalDevices(whole[..replicas], found);
    }

    /// <summary>Of the only replica.</summary>
    public ReplicaPlace Place(int threads) => Place(threads, new NumaNodes(), Affinity.Own());

    /// <param name="processors">Of this process; null: they are not known.</param>
    internal ReplicaPlace Place(int threads, NumaNodes nodes, IReadOnlyList<int>? processors)
    {
        if (Gpus.Count == 0)
            return ReplicaPlace.OnProcessors(threads);
        var place = ReplicaPlace.OnGpu(Gpus[0], found[Gpus[0]], threads, nodes, processors);
        return place with { Threads = Math.Min(threads, place.Processors?.Count ?? threads) };
    }

    private static IReadOnlyList<int> Checked(DeviceRequest asked, IReadOnlyList<int> gpus, IReadOnlyList<NvidiaGpu> found)
    {
        if (gpus.Any(gpu => gpu >= found.Count))
            throw new BadInputException(
                $"--device is {asked}; this machine has {Has(found)}. Use {(found.Count > 0 ? "one of them, or " : "")}--device cpu."
            );
        if (gpus.Where(gpu => found[gpu].IsCut).ToList() is { Count: > 0 } cut)
            throw new BadInputException(
                $"--device is {asked}, and cuda:{cut[0]} is cut into MIG instances; replicas use whole GPUs: end that with "
                    + "`nvidia-smi -mig 0`, or use another device."
            );
        return gpus;
    }

    private static string Has(IReadOnlyList<NvidiaGpu> found)
    {
        if (found.Count == 0)
            return "no GPU that the NVIDIA driver shows";
        string names = found.Count == 1 ? "cuda:0" : $"cuda:0 to cuda:{found.Count - 1}";
        int cut = found.Count(gpu => gpu.IsCut);
        return $"{Counted.Plain(found.Count, "GPU")}, {names}{(cut > 0 ? $", {cut} of them cut into MIG instances" : "")}";
    }
}
