using System.CommandLine;
using ClipDistributed.Contracts.Spec;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd spec check</c></summary>
internal static class SpecCheckCommand
{
    public static Command Create()
    {
        var spec = CommonOptions.Spec();
        var set = CommonOptions.Set();
        var command = new Command("check", "Reads a spec and reports all that is wrong with it.") { spec, set };
        command.SetAction(result =>
        {
            SpecValidator.CheckWithModelConfig(SpecReader.ReadFile(result.GetRequiredValue(spec), result.GetValue(set) ?? []));
            Console.WriteLine($"{result.GetRequiredValue(spec)}: fine");
        });
        return command;
    }
}
