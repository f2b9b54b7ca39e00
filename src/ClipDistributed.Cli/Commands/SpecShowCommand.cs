using System.CommandLine;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Spec;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd spec show</c></summary>
internal static class SpecShowCommand
{
    public static Command Create()
    {
        var spec = CommonOptions.Spec();
        var set = CommonOptions.Set();
        var output = CommonOptions.Output("yaml");
        var command = new Command(
            "show",
            "Prints a spec with every field: its own values, those of its preset and the defaults, and how the others will be chosen."
        )
        {
            spec,
            set,
            output,
        };
        command.SetAction(result =>
        {
            var full = SpecDefaults.Fill(SpecReader.ReadCheckedFile(result.GetRequiredValue(spec), result.GetValue(set) ?? []));
            if (CommonOptions.IsJson(result, output))
                JsonOutput.Write(JsonOutput.Of(full));
            else
                Console.Write(SpecWriter.Show(full));
        });
        return command;
    }
}
