using System.Globalization;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Processes;

namespace ClipDistributed.Cli.Tables;

/// <summary>Worker hosts with their devices, a row for each device; what GPUs report has columns where there are any.</summary>
internal static class HostTable
{
    private const int ShortUuid = 12; // GPU- and the first part, which CUDA takes for the whole

    public static TextTable Of(IReadOnlyList<Host> hosts, DateTimeOffset now)
    {
        bool hasGpus = hosts.Any(host => host.Devices.Any(IsGpu));
        var table = new TextTable([
            "host", "state", new Column("connected", Drop: 3), new Column("version", Drop: 1), new Column("memory", Drop: 4), "device",
            Column.Text("name", drop: 2),
            .. hasGpus ? [new Column("uuid", Drop: 1), new Column("gpu free", Drop: 7), new Column("°C", Drop: 6)] : Array.Empty<Column>(),
            "replica", new Column("run", Drop: 5),
        ]);
        foreach (var host in hosts)
        {
            // The host's own columns once, beside its first device.
            string[] own =
            [
                host.Name, State(host, now), Quantities.Ago(host.Connected, now), ProgramVersion.Short(host.Version),
                Quantities.Bytes(host.MemoryBytes),
            ];
            if (host.Devices.Count == 0)
                table.Add([.. own, "none", "", .. hasGpus ? ["", "", ""] : Array.Empty<string>(), "", ""]);
            foreach (var device in host.Devices)
            {
                string[] gpu = hasGpus ? [Short(device.Uuid), Memory(device), Celsius(device)] : [];
                table.Add([.. own, device.Device, device.Name, .. gpu, User(host, device), device.RunId]);
                own = ["", "", "", "", ""];
            }
        }
        return table;
    }

    /// <summary>The devices of one host.</summary>
    public static TextTable DevicesOf(Host host)
    {
        bool hasGpus = host.Devices.Any(IsGpu);
        var table = new TextTable([
            "device", Column.Text("name", drop: 1),
            .. hasGpus ? [new Column("uuid", Drop: 3), new Column("gpu free", Drop: 5), new Column("°C", Drop: 4)] : Array.Empty<Column>(),
            "replica", new Column("run", Drop: 2),
        ]);
        foreach (var device in host.Devices)
        {
            string[] gpu = hasGpus ? [device.Uuid, Memory(device), Celsius(device)] : [];
            table.Add([device.Device, device.Name, .. gpu, User(host, device), device.RunId]);
        }
        return table;
    }

    public static void WriteFaults(Host host)
    {
        if (host.Refusal != "")
            Console.WriteLine($"{host.Name} cannot connect again: {host.Refusal}; clipd token create --role host --host {host.Name} makes "
                + "another, for the file that its worker reads");
        foreach (var device in host.Devices.Where(device => device.Fault != ""))
            Console.WriteLine($"{device.Device} of {host.Name} is faulty and gets no replicas until that ends: {device.Fault}");
    }

    private static bool IsGpu(HostDevice device) => device.Uuid != "" || device.HasMemoryBytes || device.HasFreeMemoryBytes;

    private static string Short(string uuid) => uuid.Length > ShortUuid ? uuid[..ShortUuid] : uuid;

    /// <summary>As in <c>70.1 of 80 GiB</c>.</summary>
    private static string Memory(HostDevice device) => IsGpu(device)
        ? $"{Gib(device.HasFreeMemoryBytes, device.FreeMemoryBytes)} of {Gib(device.HasMemoryBytes, device.MemoryBytes)} GiB"
        : "";

    private static string Gib(bool isKnown, long bytes) =>
        isKnown ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.#}") : "-";

    private static string Celsius(HostDevice device) =>
        device.HasTemperatureCelsius ? device.TemperatureCelsius.ToString(CultureInfo.InvariantCulture) : IsGpu(device) ? "-" : "";

    /// <summary>Devices of a host that is gone cannot be had.</summary>
    private static string User(Host host, HostDevice device) => (device.ReplicaId, device.Fault) switch
    {
        ("", not "") => "faulty",
        ("", _) => host.Lost is null ? "free" : "-",
        (var replica, not "") => $"{replica} (faulty)",
        var (replica, _) => replica,
    };

    public static string State(Host host, DateTimeOffset now) => host switch
    {
        { Lost: { } lost, Refusal: not "" } => $"refused {Quantities.Ago(lost, now)}",
        { Lost: { } lost } => $"{(host.Drained ? "left" : "lost")} {Quantities.Ago(lost, now)}",
        { Drained: true } => host.Devices.Any(device => device.ReplicaId != "") ? "draining" : "drained",
        { Quarantine: not "" } => "quarantined",
        _ => "ready",
    };
}
