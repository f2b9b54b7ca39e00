using System.CommandLine;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd coordinator show</c></summary>
internal static class CoordinatorShowCommand
{
    public static Command Create()
    {
        var coordinator = CommonOptions.Coordinator();
        var output = CommonOptions.Output();
        var command = new Command("show", "Shows what a running coordinator is: its version, since when it leads, its store.")
        {
            output, coordinator,
        };
        command.SetAction(async (result, cancel) =>
        {
            using var client = coordinator.Connect(result);
            var info = await client.CallAsync(
                calls => new AdminService.AdminServiceClient(calls).GetServerInfoAsync(new GetServerInfoRequest()), cancel);
            if (CommonOptions.IsJson(result, output))
            {
                JsonOutput.Write(JsonOutput.Of(info));
                return;
            }
            var list = new DetailList();
            list.Add("address", info.Address);
            list.Add("version", info.Version);
            list.Add("leads since", $"{Quantities.Moment(info.Started)}, in term {info.Term}");
            list.Add("store", info.Store);
            if (info.Certificate is { } certificate)
                list.Add("certificate", $"{certificate.Subject}, until {Quantities.Moment(certificate.NotAfter)}");
            list.Write();
        });
        return command;
    }
}
