/** A setting whose value can't be used: its name, its value, and what to write instead. */

export class SettingError extends Error {
    /** Its full name, as the settings editor finds it. */
    readonly setting: string;

    constructor(setting: string, value: unknown, instead: string) {
        super(`The setting ${setting} is ${JSON.stringify(value)}, which ${instead}`);
        this.setting = setting;
    }
}
