using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.WorkerHost.Options;

namespace ClipDistributed.WorkerHost.Devices;

/// <summary>The devices of this machine.</summary>
/// <param name="Offered">Slots of the processors first, then GPUs.</param>
/// <param name="Gpus">Those that CUDA shows, by the index of their device.</param>
/// <param name="Notice">What is not offered although it is present; null: nothing.</param>
internal sealed record HostDevices(IReadOnlyList<Device> Offered, IReadOnlyList<NvidiaGpu> Gpus, string? Notice)
{
    /// <exception cref="BadInputException">A GPU that was asked for cannot be used, or nothing is left to offer.</exception>
    public static HostDevices Find(WorkerOptions options) =>
        Find(options, options.Gpus is { Count: 0 } ? [] : NvidiaGpus.Find(options.NvidiaSmi));

    internal static HostDevices Find(WorkerOptions options, IReadOnlyList<NvidiaGpu> found)
    {
        string? unusable = found.Count > 0 ? WhyUnusable(options.ReplicaProgram, options.LibTorch) : null;
        var wanted = options.Gpus ?? (unusable is null ? [.. Enumerable.Range(0, found.Count)] : []);
        if (wanted.Where(gpu => gpu >= found.Count).ToList() is { Count: > 0 } missing)
            throw new BadInputException(
                $"gpus names {string.Join(", ", missing)}; this host has "
                    + $"{(found.Count == 0 ? "no GPU" : $"the GPUs 0 to {found.Count - 1}")} that the NVIDIA driver shows."
            );
        if (wanted.Count > 0 && unusable is not null)
            throw new BadInputException($"gpus names {string.Join(", ", wanted)}, but {unusable}.");
        if (wanted.Where(gpu => found[gpu].IsCut).ToList() is { Count: > 0 } cut)
            throw new BadInputException(
                $"GPU {string.Join(", ", cut)} is cut into MIG instances, and replicas use whole GPUs; end that with "
                    + "`nvidia-smi -mig 0`, or offer others with --gpus."
            );
        int replicas = options.Slots + wanted.Count;
        if (replicas == 0)
            throw new BadInputException(
                $"slots is 0 and {unusable ?? "there is no GPU"}: this host has nothing to offer; give --slots 1 or more."
            );
        int threads = options.ThreadsPerSlot ?? Math.Max(1, Environment.ProcessorCount / replicas);
        return new HostDevices(
            [
                .. Enumerable.Range(0, options.Slots).Select(slot => Processors(slot, threads)),
                .. wanted.Select(gpu => found[gpu].ToDevice(gpu, threads)),
            ],
            found,
            options.Gpus is null && unusable is not null ? $"The GPUs of this host are not offered: {unusable}." : null
        );
    }

    private static Device Processors(int slot, int threads) =>
        new()
        {
            Kind = DeviceKind.Cpu,
            Index = slot,
            Threads = threads,
            Name = $"{threads} of {Environment.ProcessorCount} processors",
        };

    /// <returns>Null: replicas load a libtorch that computes on GPUs.</returns>
    internal static string? WhyUnusable(string replicaProgram, string? libTorch)
    {
        string program = Path.GetFullPath(replicaProgram);
        if (File.Exists(program))
            program = File.ResolveLinkTarget(program, returnFinalTarget: true)?.FullName ?? program;
        string folder = libTorch ?? Path.Combine(Path.GetDirectoryName(program)!, ReplicaProgram.LibTorchFolder);
        return File.Exists(Path.Combine(folder, "libtorch_cuda.so"))
            ? null
            : $"the libtorch in {folder} computes on processors alone; build with `dotnet build -p:Accelerator=cuda`, or give the folder "
                + "of another with --libtorch";
    }
}
