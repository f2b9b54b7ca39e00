using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd host list</c></summary>
internal static class HostListCommand
{
    public static Command Create()
    {
        var state = StateNames<HostState>.Option("Only hosts in these states: ready, drained, quarantined, lost.");
        var coordinator = CommonOptions.Coordinator();
        var output = CommonOptions.Output();
        var command = new Command("list", "Lists a coordinator's worker hosts, their devices, and who uses them.")
        {
            state,
            output,
            coordinator,
        };
        command.SetAction(async (result, cancel) =>
        {
            using var client = coordinator.Connect(result);
            var request = new ListHostsRequest { States = { result.GetValue(state) ?? [] } };
            var hosts = await client.HostsAsync(request, cancel);
            if (CommonOptions.IsJson(result, output))
            {
                JsonOutput.Write(hosts);
                return;
            }
            var table = HostTable.Of(hosts, DateTimeOffset.UtcNow);
            if (table.IsEmpty && request.States.Count > 0)
                Console.WriteLine("no such hosts; clipd host list shows all");
            else if (table.IsEmpty)
                Console.WriteLine($"no hosts; start one with clipd worker --coordinator {result.GetRequiredValue(coordinator)}");
            else
                table.Write();
            foreach (var host in hosts.Where(host => host.Quarantine != ""))
                Console.WriteLine($"{host.Name} is quarantined until {Quantities.Moment(host.QuarantinedUntil)}: "
                    + $"{host.Quarantine}; clipd host drain {host.Name} --undo ends that");
            foreach (var host in hosts)
                HostTable.WriteFaults(host);
        });
        return command;
    }
}
