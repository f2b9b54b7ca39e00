using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Processes;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd host list</c></summary>
internal static class HostListCommand
{
    public static Command Create()
    {
        var coordinator = CommonOptions.Coordinator();
        var output = CommonOptions.Output();
        var command = new Command("list", "Lists a coordinator's worker hosts, their devices, and who uses them.") { output, coordinator };
        command.SetAction(async (result, cancel) =>
        {
            using var client = new CoordinatorClient(result.GetRequiredValue(coordinator), TimeProvider.System);
            var answer = await client.AskAsync(control => control.ListHostsAsync(new ListHostsRequest()), cancel);
            if (CommonOptions.IsJson(result, output))
            {
                JsonOutput.Write(answer.Hosts);
                return;
            }
            var now = DateTimeOffset.UtcNow;
            var table = new TextTable(
                "host", "state", new Column("connected", Drop: 3), new Column("version", Drop: 1), new Column("memory", Drop: 4), "device",
                Column.Text("name", drop: 2), "replica", new Column("run", Drop: 5));
            foreach (var host in answer.Hosts)
            {
                // The host's own columns once, beside its first device.
                string[] own =
                [
                    host.Name, State(host, now), Quantities.Ago(host.Connected, now), ProgramVersion.Short(host.Version),
                    Quantities.Bytes(host.MemoryBytes),
                ];
                if (host.Devices.Count == 0)
                    table.Add([.. own, "none", "", "", ""]);
                foreach (var device in host.Devices)
                {
                    table.Add([.. own, device.Device, device.Name, User(host, device), device.RunId]);
                    own = ["", "", "", "", ""];
                }
            }
            if (table.IsEmpty)
                Console.WriteLine($"no hosts; start one with clipd worker --coordinator {result.GetRequiredValue(coordinator)}");
            else
                table.Write();
            foreach (var host in answer.Hosts.Where(host => host.Quarantine != ""))
                Console.WriteLine($"{host.Name} is quarantined until {host.QuarantinedUntil.ToDateTime():yyyy-MM-dd HH:mm:ss} UTC: "
                    + $"{host.Quarantine}; clipd host drain {host.Name} --undo ends that");
        });
        return command;
    }

    /// <summary>Devices of a host that is gone cannot be had.</summary>
    private static string User(Host host, HostDevice device) =>
        device.ReplicaId != "" ? device.ReplicaId : host.Lost is null ? "free" : "-";

    private static string State(Host host, DateTimeOffset now) => host switch
    {
        { Lost: { } lost } => $"{(host.Drained ? "left" : "lost")} {Quantities.Ago(lost, now)}",
        { Drained: true } => host.Devices.Any(device => device.ReplicaId != "") ? "draining" : "drained",
        { Quarantine: not "" } => "quarantined",
        _ => "ready",
    };
}
