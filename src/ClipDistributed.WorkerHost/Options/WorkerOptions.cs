using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Links;
using ClipDistributed.Contracts.Tls;

namespace ClipDistributed.WorkerHost.Options;

/// <summary>Settings of a worker host.</summary>
public sealed record WorkerOptions
{
    /// <summary>As in http://127.0.0.1:7071, or several, separated by commas, of which one leads.</summary>
    public required string Coordinator { get; init; }

    /// <summary>Holds the token of this host, and is read at each connection; null: the token of a coordinator on this machine.</summary>
    public string? TokenFile { get; init; }

    /// <summary>For coordinators with https; replicas get the same files.</summary>
    public TlsFiles Tls { get; init; } = new();

    /// <summary>Unique among the coordinator's hosts.</summary>
    public string Name { get; init; } = Environment.MachineName;

    /// <summary>Replicas that compute on the processors at the same time; 0: none.</summary>
    public int Slots { get; init; } = 1;

    /// <summary>Indices of the GPUs on offer; null: all that the driver shows.</summary>
    public IReadOnlyList<int>? Gpus { get; init; }

    /// <summary>Threads of one tensor operator; null: the processors, evenly shared by slots and GPUs.</summary>
    public int? ThreadsPerSlot { get; init; }

    /// <summary>MiB of the host's memory that one replica may plan with; null: all of it, evenly shared by the devices on offer.</summary>
    public long? MemoryPerReplica { get; init; }

    /// <summary>The local address of collective groups; null: the one from which the coordinator is reached.</summary>
    public string? Address { get; init; }

    /// <summary>How long a drain may take before this host ends without it.</summary>
    public TimeSpan DrainGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the driver is asked how the GPUs on offer are.</summary>
    public TimeSpan DeviceInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the process of a model stays after its last question, so that the next one is answered at once.</summary>
    public TimeSpan ModelIdle { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The NVIDIA driver's program, a path or a name to look for in PATH.</summary>
    internal string NvidiaSmi { get; init; } = "nvidia-smi";

    /// <summary>A folder of libtorch libraries; null: the one that clipd-replica was built with.</summary>
    public string? LibTorch { get; init; }

    /// <summary>The program clipd-replica.</summary>
    public required string ReplicaProgram { get; init; }

    /// <exception cref="BadInputException">Lists all that cannot be used.</exception>
    internal void Check()
    {
        var errors = new List<string>();
        try
        {
            if (new CoordinatorAddresses(Coordinator, "coordinator").HasTls)
                Tls.Check();
        }
        catch (BadInputException unknown)
        {
            errors.AddRange(unknown.Errors);
        }
        if (string.IsNullOrWhiteSpace(Name))
            errors.Add("name is empty; give the host a name that no other host of the coordinator has.");
        if (Slots < 0)
            errors.Add($"slots is {Slots}; use 0 (no replica on the processors) or more.");
        if (ThreadsPerSlot < 1)
            errors.Add($"threads is {ThreadsPerSlot}; use 1 or more.");
        if (DrainGrace < TimeSpan.Zero || DrainGrace > TimeSpan.FromDays(1))
            errors.Add($"drain-seconds is {DrainGrace.TotalSeconds}; use 0 (end at once) to 86400 (a day).");
        if (Gpus is not null && Gpus.Any(gpu => gpu < 0))
            errors.Add($"gpus is {string.Join(',', Gpus)}; indices count from 0.");
        if (Address is not null && !System.Net.IPAddress.TryParse(Address, out _))
            errors.Add($"address is '{Address}'; give an IP address of this host, such as 10.0.0.5.");
        if (errors.Count > 0)
            throw new BadInputException(errors);
    }
}
