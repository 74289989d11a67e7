/**
 * The short names people and bots type in an incident channel, and their characters. A name that is not here stays
 * exactly as it was written, colons included: logs are full of `host:8080:tcp` and `12:01:12`.
 */
import { escapeHtml } from './html.ts';

const table = `
red_circle 🔴|large_red_square 🟥|large_orange_circle 🟠|orange_circle 🟠|large_yellow_circle 🟡|yellow_circle 🟡|large_green_circle 🟢|green_circle 🟢
large_blue_circle 🔵|blue_circle 🔵|large_purple_circle 🟣|purple_circle 🟣|white_circle ⚪|black_circle ⚫|large_brown_circle 🟤|large_blue_square 🟦
large_green_square 🟩|large_yellow_square 🟨|large_orange_square 🟧|white_large_square ⬜|black_large_square ⬛|white_square_button 🔳
small_red_triangle 🔺|small_red_triangle_down 🔻|small_orange_diamond 🔸|small_blue_diamond 🔹|large_orange_diamond 🔶|large_blue_diamond 🔷
rotating_light 🚨|warning ⚠️|fire 🔥|boom 💥|collision 💥|zap ⚡|no_entry ⛔|no_entry_sign 🚫|octagonal_sign 🛑|stop_sign 🛑|sos 🆘|construction 🚧
white_check_mark ✅|heavy_check_mark ✔️|ballot_box_with_check ☑️|x ❌|negative_squared_cross_mark ❎|heavy_multiplication_x ✖️|question ❓|grey_question ❔
exclamation ❗|grey_exclamation ❕|bangbang ‼️|interrobang ⁉️|information_source ℹ️|eyes 👀|mag 🔍|mag_right 🔎|microscope 🔬|telescope 🔭|stethoscope 🩺
hourglass ⌛|hourglass_flowing_sand ⏳|watch ⌚|alarm_clock ⏰|stopwatch ⏱️|timer_clock ⏲️|clock1 🕐|clock3 🕒|clock9 🕘|calendar 📆|date 📅|spiral_calendar_pad 🗓️
bell 🔔|no_bell 🔕|mute 🔇|speaker 🔈|loud_sound 🔊|loudspeaker 📢|mega 📣|postal_horn 📯|zzz 💤|sleeping 😴
chart_with_upwards_trend 📈|chart_with_downwards_trend 📉|bar_chart 📊|clipboard 📋|memo 📝|pencil 📝|pencil2 ✏️|page_facing_up 📄|page_with_curl 📃|scroll 📜
bookmark 🔖|bookmark_tabs 📑|label 🏷️|link 🔗|paperclip 📎|pushpin 📌|round_pushpin 📍|triangular_flag_on_post 🚩|checkered_flag 🏁|newspaper 📰|books 📚|book 📖
package 📦|rocket 🚀|ship 🚢|truck 🚚|wrench 🔧|hammer 🔨|hammer_and_wrench 🛠️|nut_and_bolt 🔩|gear ⚙️|toolbox 🧰|bug 🐛|beetle 🪲|ladybug 🐞|lady_beetle 🐞
lock 🔒|unlock 🔓|key 🔑|closed_lock_with_key 🔐|shield 🛡️|broom 🧹|wastebasket 🗑️|recycle ♻️|electric_plug 🔌|battery 🔋|bulb 💡|flashlight 🔦|satellite_antenna 📡
computer 💻|desktop_computer 🖥️|keyboard ⌨️|floppy_disk 💾|cd 💿|file_folder 📁|open_file_folder 📂|card_file_box 🗃️|file_cabinet 🗄️|inbox_tray 📥|outbox_tray 📤
email 📧|envelope ✉️|incoming_envelope 📨|mailbox 📫|phone ☎️|telephone_receiver 📞|pager 📟|iphone 📱|globe_with_meridians 🌐|earth_africa 🌍|world_map 🗺️|cloud ☁️
arrow_right ➡️|arrow_left ⬅️|arrow_up ⬆️|arrow_down ⬇️|arrow_upper_right ↗️|arrow_lower_right ↘️|arrow_upper_left ↖️|arrow_lower_left ↙️|arrow_up_down ↕️
left_right_arrow ↔️|arrows_counterclockwise 🔄|arrows_clockwise 🔃|leftwards_arrow_with_hook ↩️|arrow_right_hook ↪️|arrow_forward ▶️|arrow_backward ◀️
black_square_for_stop ⏹️|double_vertical_bar ⏸️|fast_forward ⏩|rewind ⏪|repeat 🔁|twisted_rightwards_arrows 🔀|heavy_plus_sign ➕|heavy_minus_sign ➖
one 1️⃣|two 2️⃣|three 3️⃣|four 4️⃣|five 5️⃣|six 6️⃣|seven 7️⃣|eight 8️⃣|nine 9️⃣|keycap_ten 🔟|zero 0️⃣|hash #️⃣|100 💯|1234 🔢|abc 🔤
first_place_medal 🥇|second_place_medal 🥈|third_place_medal 🥉|trophy 🏆|medal 🏅|dart 🎯|crystal_ball 🔮|game_die 🎲|jigsaw 🧩|bricks 🧱|spider_web 🕸️
+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|ok_hand 👌|clap 👏|raised_hands 🙌|pray 🙏|muscle 💪|wave 👋|point_right 👉|point_left 👈|point_up 👆|point_down 👇|point_up_2 👆
raised_hand ✋|hand ✋|v ✌️|handshake 🤝|writing_hand ✍️|saluting_face 🫡|thinking_face 🤔|thinking 🤔|face_with_monocle 🧐|shrug 🤷|facepalm 🤦|exploding_head 🤯
smile 😄|smiley 😃|grinning 😀|grin 😁|joy 😂|rolling_on_the_floor_laughing 🤣|slightly_smiling_face 🙂|wink 😉|blush 😊|sunglasses 😎|heart_eyes 😍|sweat_smile 😅|sweat 😓
neutral_face 😐|expressionless 😑|confused 😕|worried 😟|disappointed 😞|cry 😢|sob 😭|scream 😱|fearful 😨|cold_sweat 😰|angry 😠|rage 😡|flushed 😳|dizzy_face 😵
robot_face 🤖|ghost 👻|skull 💀|alien 👽|see_no_evil 🙈|hear_no_evil 🙉|speak_no_evil 🙊|tada 🎉|confetti_ball 🎊|sparkles ✨|star ⭐|star2 🌟|heart ❤️|broken_heart 💔
green_heart 💚|yellow_heart 💛|blue_heart 💙|orange_heart 🧡|purple_heart 💜|sunny ☀️|rainbow 🌈|snowflake ❄️|umbrella ☔|ocean 🌊|volcano 🌋|hot_pepper 🌶️|coffee ☕
beer 🍺|pizza 🍕|cake 🍰|apple 🍎|moneybag 💰|credit_card 💳|shopping_cart 🛒|shopping_trolley 🛒|shopping_bags 🛍️|hospital 🏥|ambulance 🚑|fire_engine 🚒|police_car 🚓
house 🏠|office 🏢|factory 🏭|busts_in_silhouette 👥|bust_in_silhouette 👤|male-detective 🕵️‍♂️|female-detective 🕵️‍♀️|sleuth_or_spy 🕵️|firefighter 🧑‍🚒|technologist 🧑‍💻
speech_balloon 💬|thought_balloon 💭|left_speech_bubble 🗨️|new 🆕|up 🆙|cool 🆒|free 🆓|ok 🆗|vs 🆚|copyright ©️|registered ®️|tm ™️|infinity ♾️|dash 💨|droplet 💧
`;

const byName: ReadonlyMap<string, string> = new Map(
  table
    .trim()
    .split(/[|\n]/)
    .map((entry) => {
      const at = entry.lastIndexOf(' ');
      return [entry.slice(0, at), entry.slice(at + 1)] as const;
    }),
);

/** The character behind a name such as `fire` or `+1::skin-tone-3`, or undefined. */
export function emojiCharacter(name: string): string | undefined {
  return byName.get(name.replace(/::?skin-tone-[2-6]$/, ''));
}

/** Circles and squares are drawn by the style sheet: they carry severity, and a machine without an emoji font shows boxes. */
const sign = /^(?:large_)?(red|orange|yellow|green|blue|purple|brown|white|black)_(?:large_)?(circle|square)$/;

export function emojiHtml(name: string, character: string): string {
  const words = escapeHtml(name.replaceAll('_', ' '));
  const drawn = sign.exec(name);
  if (drawn !== null)
    return `<span class="sign sign-${drawn[1]} sign-${drawn[2]}" role="img" aria-label="${words}" title=":${escapeHtml(name)}:"></span>`;
  return `<span class="emoji" role="img" aria-label="${words}" title=":${escapeHtml(name)}:">${character}</span>`;
}
