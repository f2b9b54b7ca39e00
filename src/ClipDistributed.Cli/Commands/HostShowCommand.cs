using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd host show</c></summary>
internal static class HostShowCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("host") { Description = "Its name, as clipd host list shows it." };
        var coordinator = CommonOptions.Coordinator();
        var output = CommonOptions.Output();
        var command = new Command("show", "Shows a worker host, its devices, and who uses them.") { name, output, coordinator };
        command.SetAction(async (result, cancel) =>
        {
            using var client = coordinator.Connect(result);
            var request = new GetHostRequest { Name = result.GetRequiredValue(name) };
            var host = (await client.AskAsync(control => control.GetHostAsync(request), cancel)).Host;
            if (CommonOptions.IsJson(result, output))
                JsonOutput.Write(JsonOutput.Of(host));
            else
                Write(host, DateTimeOffset.UtcNow);
        });
        return command;
    }

    private static void Write(Host host, DateTimeOffset now)
    {
        var about = new DetailList();
        about.Add("host", host.Name);
        about.Add("state", HostTable.State(host, now));
        if (host.Quarantine != "")
            about.Add("quarantine", host.Quarantine);
        about.Add("connected", Quantities.Ago(host.Connected, now));
        about.Add("version", host.Version);
        about.Add("memory", Quantities.Bytes(host.MemoryBytes));
        about.Write();
        var table = HostTable.DevicesOf(host);
        if (!table.IsEmpty)
            table.Write();
        HostTable.WriteFaults(host);
    }
}
